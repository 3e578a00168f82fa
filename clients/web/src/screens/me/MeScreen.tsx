import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function MeScreen() {
  return <Page title={texts.me.title}>{null}</Page>;
}
