/** What was dropped for a dataset: pictures, each with the caption that lay beside it. */
export interface Brought {
  file: File;
  caption: string;
}

const PICTURE = /\.(png|jpe?g|webp|gif|avif)$/i;
const CAPTION = /\.(txt|caption)$/i;
const stem = (name: string) => name.replace(/\.[^.]+$/, "");

/** Pictures among what was dropped, by name, with the texts of `.txt` and `.caption` files of the same name. */
export async function pair(files: readonly File[]): Promise<Brought[]> {
  const captions = new Map<string, string>();
  for (const file of files) {
    if (CAPTION.test(file.name))
      captions.set(
        stem(file.name),
        (await file.text())
          .trim()
          .split(/\s*\n\s*/)
          .join(" "),
      );
  }
  return files
    .filter((file) => PICTURE.test(file.name) || (file.type.startsWith("image/") && file.type !== "image/svg+xml"))
    .map((file) => ({ file, caption: captions.get(stem(file.name)) ?? "" }))
    .sort((one, other) => one.file.name.localeCompare(other.file.name, "en", { numeric: true }));
}

/** More of the same, each file once. */
export function joined(known: readonly Brought[], more: readonly Brought[]): Brought[] {
  const keyOf = ({ file }: Brought) => `${file.name}/${file.size}`;
  const all = new Map(known.map((one) => [keyOf(one), one]));
  for (const one of more) all.set(keyOf(one), one);
  return [...all.values()];
}
