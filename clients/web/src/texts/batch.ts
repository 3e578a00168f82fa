export const batch = {
  title: "Batches",
};
