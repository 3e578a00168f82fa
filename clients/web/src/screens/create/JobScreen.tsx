import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function JobScreen() {
  return <Page title={texts.create.title}>{null}</Page>;
}
