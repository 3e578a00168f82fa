export function EditEntryScreen() {
  return null;
}
