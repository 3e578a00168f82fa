import type { ImageBody, JobBody } from "@openapi";
import { useNavigate } from "@tanstack/react-router";
import { Dialog } from "@/parts/Dialog";
import { CollectionChooser } from "@/pictures/CollectionChooser";
import { Lineage } from "@/pictures/Lineage";
import { RecipeDrawer } from "@/pictures/RecipeDrawer";
import { ShareDialog } from "@/pictures/ShareDialog";
import { texts } from "@/texts";
import { fillForm } from "../form";
import { toForm } from "./editing";
import { idOf, toLookAt } from "./files";
import { GoOnDialog } from "./GoOnDialog";
import type { Opened } from "./MoreActions";

interface MoreDialogsProps {
  opened: Opened;
  job: JobBody;
  image: ImageBody;
  onClose: () => void;
  onOrdered: (jobId: string) => void;
}

/** The dialog of what was chosen. */
export function MoreDialogs({ opened, job, image, onClose, onOrdered }: MoreDialogsProps) {
  const navigate = useNavigate();
  const id = idOf(job.job_id, image);
  if (opened === "collect") return <CollectionChooser assetIds={[id]} open onClose={onClose} />;
  if (opened === "share") return <ShareDialog what={{ kind: "image", id }} open onClose={onClose} />;
  if (opened === "lineage") {
    return (
      <Dialog open onClose={onClose} title={texts.jobs.lineage} shape="side">
        <Lineage assetId={id} url={toLookAt(image) ?? image.url} />
      </Dialog>
    );
  }
  if (opened === "recipe") {
    const use = (request: Record<string, unknown>) => {
      fillForm(request);
      onClose();
      navigate({ to: "/" }).then(toForm);
    };
    return <RecipeDrawer assetId={id} open onClose={onClose} onUse={use} />;
  }
  return <GoOnDialog kind={opened} job={job} image={image} onClose={onClose} onOrdered={onOrdered} />;
}
