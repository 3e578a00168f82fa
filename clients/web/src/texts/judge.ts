export const judge = {
  title: "Judge",
};
