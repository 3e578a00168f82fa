import { Page } from "@/parts/Page";
import { texts } from "@/texts";

export function JudgeScreen() {
  return <Page title={texts.judge.title}>{null}</Page>;
}
