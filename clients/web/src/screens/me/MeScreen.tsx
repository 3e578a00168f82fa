import { Monitor, Moon, Sun } from "lucide-react";
import { setTheme, type Theme, useTheme } from "@/app/theme";
import { Button } from "@/parts/Button";
import { Page } from "@/parts/Page";
import { Section } from "@/parts/Section";
import { Segments } from "@/parts/Segments";
import { signOut } from "@/session/issuers";
import { useMe } from "@/session/me";
import { texts } from "@/texts";
import { Account } from "./Account";
import { Devices } from "./Devices";
import { Keys } from "./Keys";
import { Month } from "./Month";
import { OwnQuota } from "./OwnQuota";
import { Webhooks } from "./Webhooks";

/** Who somebody is here, what may act in their name, and what they have made. */
export function MeScreen() {
  const me = useMe();
  if (!me) return null;
  return (
    <Page
      title={texts.me.title}
      lead={texts.me.lead}
      actions={me.how === "oidc" && <Button onClick={() => signOut()}>{texts.me.signOut}</Button>}
    >
      <Account me={me} />
      <Month />
      <OwnQuota />
      <Keys />
      <Devices />
      <Webhooks />
      <Section title={texts.me.appearance.title} lead={texts.me.appearance.lead}>
        <ThemeChoice />
      </Section>
    </Page>
  );
}

function ThemeChoice() {
  const theme = useTheme();
  const { label, system, light, dark } = texts.shell.theme;
  return (
    <Segments<Theme>
      label={label}
      className="max-w-md"
      value={theme}
      onChange={setTheme}
      choices={[
        { value: "system", label: <Choice icon={Monitor}>{system}</Choice> },
        { value: "light", label: <Choice icon={Sun}>{light}</Choice> },
        { value: "dark", label: <Choice icon={Moon}>{dark}</Choice> },
      ]}
    />
  );
}

function Choice({ icon: Icon, children }: { icon: typeof Sun; children: string }) {
  return (
    <span className="flex items-center gap-2">
      <Icon className="size-4" aria-hidden />
      {children}
    </span>
  );
}
