export function RunningScreen() {
  return null;
}
