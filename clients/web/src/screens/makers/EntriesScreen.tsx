export function EntriesScreen() {
  return null;
}
