import type { CollectionWhole } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Download, Ellipsis, GitCompareArrows, Link2, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { changeCollection, deleteCollection } from "@/api/collections";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Menu, MenuItem, MenuSeparator } from "@/parts/Menu";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { ShareDialog } from "@/pictures/ShareDialog";
import { ZipDialog } from "@/pictures/ZipDialog";
import { texts } from "@/texts";
import { NameDialog } from "./NameDialog";

/** What can be done with a collection as a whole. */
export function CollectionActions({ collection }: { collection: CollectionWhole }) {
  const said = texts.collections;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"share" | "edit" | "delete" | "zip" | null>(null);
  const close = () => setOpen(null);
  const images = collection.items.map((one) => one.image);
  const first = images.slice(0, 4).map((one) => one.asset_id);
  const save = async (name: string, notes: string) => {
    await changeCollection(collection.id, { name, notes });
    client.invalidateQueries({ queryKey: ["collection", collection.id] });
    client.invalidateQueries({ queryKey: ["collections"] });
    toast(said.saved);
  };
  const remove = useMutation({
    mutationFn: () => deleteCollection(collection.id),
    onSuccess: async () => {
      await navigate({ to: "/app/collections" });
      client.removeQueries({ queryKey: ["collection", collection.id] });
      client.invalidateQueries({ queryKey: ["collections"] });
      toast(said.deleted(collection.name));
    },
  });
  return (
    <>
      <Button look="primary" onClick={() => setOpen("share")}>
        <Link2 className="size-4" aria-hidden />
        {texts.pictures.share.action}
      </Button>
      <Button disabled={images.length === 0} onClick={() => setOpen("zip")}>
        <Download className="size-4" aria-hidden />
        {said.zip}
      </Button>
      <Menu
        trigger={
          <Button size="icon" className="size-9" aria-label={texts.work.picture.more}>
            <Ellipsis className="size-4" aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => setOpen("edit")}>
          <Pencil className="size-4" aria-hidden />
          {said.edit}
        </MenuItem>
        <MenuItem disabled={first.length < 2} onSelect={() => navigate({ to: "/app/compare", search: { ids: first } })}>
          <GitCompareArrows className="size-4" aria-hidden />
          {said.compare}
        </MenuItem>
        <MenuSeparator />
        <MenuItem danger onSelect={() => setOpen("delete")}>
          <Trash2 className="size-4" aria-hidden />
          {said.delete}
        </MenuItem>
      </Menu>
      <ShareDialog what={{ kind: "collection", id: collection.id }} open={open === "share"} onClose={close} />
      {open === "zip" && <ZipDialog images={images} name={collection.name} onClose={close} />}
      {open === "edit" && (
        <NameDialog title={said.edit} known={collection} action={said.rename} onSave={save} onClose={close} />
      )}
      <Dialog
        open={open === "delete"}
        onClose={close}
        title={said.deleteTitle(collection.name)}
        foot={
          <>
            <Button onClick={close}>{texts.common.cancel}</Button>
            <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
              {said.delete}
            </Button>
          </>
        }
      >
        <p>{said.deleteLead}</p>
        <Refusal error={remove.error} className="mt-4" />
      </Dialog>
    </>
  );
}
