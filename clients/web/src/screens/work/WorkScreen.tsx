import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function WorkScreen() {
  return <Page title={texts.work.title}>{null}</Page>;
}
