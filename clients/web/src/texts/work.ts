export const work = {
  title: "Work",
};
