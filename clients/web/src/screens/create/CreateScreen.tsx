import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function CreateScreen() {
  return <Page title={texts.create.title}>{null}</Page>;
}
