import { Link } from "@tanstack/react-router";
import { Compass, TriangleAlert } from "lucide-react";
import { Button, buttonLook } from "@/parts/Button";
import { Page } from "@/parts/Page";
import { Empty } from "@/parts/states";
import { texts } from "@/texts";

/** A fault of ours: said plainly, with the way out. Chunks of an earlier release are gone after an update, too. */
export function Crashed() {
  const { title, lead, action } = texts.shell.crashed;
  return (
    <Page title={title}>
      <Empty
        icon={<TriangleAlert aria-hidden />}
        title={title}
        action={
          <Button look="primary" onClick={() => location.reload()}>
            {action}
          </Button>
        }
      >
        {lead}
      </Empty>
    </Page>
  );
}

export function NotFound() {
  const { title, lead, action } = texts.shell.notFound;
  return (
    <Page title={title}>
      <Empty
        icon={<Compass aria-hidden />}
        title={title}
        action={
          <Link to="/" className={buttonLook({ look: "primary" })}>
            {action}
          </Link>
        }
      >
        {lead}
      </Empty>
    </Page>
  );
}
