import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function MakersScreen() {
  return <Page title={texts.makers.title}>{null}</Page>;
}
