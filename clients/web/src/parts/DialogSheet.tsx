import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { LayerContext, useLayer } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { Button } from "./Button";
import { classes } from "./classes";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Read to whoever does not see it; shown below the title. */
  description?: ReactNode;
  /** `side` slides in from the right, over the whole height; `wide` is for pictures. */
  shape?: "small" | "wide" | "side";
  children: ReactNode;
  /** Buttons, at the end. */
  foot?: ReactNode;
}

const SHAPES = {
  small: "inset-x-3 top-[12vh] mx-auto max-h-[76vh] max-w-lg rounded-2xl",
  wide: "inset-3 m-auto h-fit max-h-[calc(100dvh-1.5rem)] max-w-6xl rounded-2xl",
  side: "inset-y-0 right-0 w-full max-w-md",
};

/** What `Dialog` shows. */
export function DialogSheet({ open, onClose, title, description, shape = "small", children, foot }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Radix.Content
          className={classes(
            "fixed z-50 flex flex-col overflow-hidden border border-line bg-sheet shadow-sheet",
            SHAPES[shape],
          )}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <Layer>
            <header className="flex items-start justify-between gap-4 border-b border-line px-5 py-3.5">
              <div>
                <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
                {description && (
                  <Radix.Description className="mt-0.5 text-[13px] text-soft">{description}</Radix.Description>
                )}
              </div>
              <Radix.Close asChild>
                <Button look="quiet" size="icon" aria-label={texts.common.close}>
                  <X className="size-4" aria-hidden />
                </Button>
              </Radix.Close>
            </header>
            <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
            {foot && (
              <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{foot}</footer>
            )}
          </Layer>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Keys of the page below count no more, as long as the dialog is there. */
function Layer({ children }: { children: ReactNode }) {
  return <LayerContext value={useLayer()}>{children}</LayerContext>;
}
