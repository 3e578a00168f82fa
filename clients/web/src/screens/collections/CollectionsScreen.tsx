import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function CollectionsScreen() {
  return <Page title={texts.work.title}>{null}</Page>;
}
