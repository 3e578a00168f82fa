import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function OperationsScreen() {
  return <Page title={texts.operators.title}>{null}</Page>;
}
