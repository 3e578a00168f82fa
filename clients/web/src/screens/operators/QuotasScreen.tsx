export function QuotasScreen() {
  return null;
}
