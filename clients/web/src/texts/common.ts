export const common = {
  studio: "Atelier",
  close: "Close",
  cancel: "Cancel",
  undo: "Undo",
  save: "Save",
  copied: "Copied",
  remove: "Remove",
  more: "Show more",
  loading: "Loading",
  messages: "Messages",
  none: "none",
  pictures: (count: number) => (count === 1 ? "1 picture" : `${count.toLocaleString("en")} pictures`),
};

export const licences = {
  badge: "Licence",
  allowed: "allowed",
  conditional: "on conditions",
  refused: "not allowed",
  purposes: { reference: "as a reference", internal: "inside the company", product: "in a product" },
};

export const problems = {
  retry: "Try again",
  retryIn: (seconds: number) => `Try again in ${seconds} s`,
  server: "The studio could not do that. It is not your doing; try it again in a moment.",
  other: (status: number) => `The studio refused (${status}).`,
  tellOperator: (id: string) => `If it stays so, tell an operator this number: ${id}`,
  title: (status: number) => {
    if (status === 0) return "The studio cannot be reached";
    if (status === 401) return "You are not signed in";
    if (status === 403) return "This is not yours to see";
    if (status === 404) return "There is nothing here";
    if (status === 429) return "Too much at once";
    return "That did not work";
  },
  byStatus: {
    0: "The studio does not answer. It is asked again as soon as it can be reached.",
    401: "Your sign-in has ended: sign in again.",
    403: "You may not do that. An admin can give you the role that it takes.",
    404: "It is not there, or not any more.",
    409: "Somebody has changed it in the meantime: look at it again.",
    413: "That is too large.",
    422: "The studio does not understand that.",
    429: "That is too much at once; wait a little.",
    503: "A part of the studio is away; it is tried again shortly.",
  },
};
