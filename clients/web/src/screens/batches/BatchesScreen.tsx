import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function BatchesScreen() {
  return <Page title={texts.batch.title}>{null}</Page>;
}
