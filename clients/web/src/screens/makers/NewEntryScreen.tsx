export function NewEntryScreen() {
  return null;
}
