export const makers = {
  title: "Library",
};
