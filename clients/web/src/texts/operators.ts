export const operators = {
  title: "Operations",
};
