import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { classes } from "./classes";

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
}

/** A short list of things to do, below a button. */
export function Menu({ trigger, children, align = "end" }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 overflow-y-auto rounded-xl border border-line bg-sheet p-1 text-sm shadow-sheet"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  children: ReactNode;
  onSelect?: () => void;
  disabled?: boolean;
  danger?: boolean;
  /** The item is this element, such as a link. */
  asChild?: boolean;
}

export function MenuItem({ children, onSelect, disabled, danger, asChild }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      {...(asChild ? { asChild } : {})}
      {...(disabled ? { disabled } : {})}
      onSelect={() => onSelect?.()}
      className={classes(
        "flex min-h-8 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 outline-none data-disabled:cursor-default data-disabled:opacity-50 data-highlighted:bg-well",
        danger && "text-bad",
      )}
    >
      {children}
    </DropdownMenu.Item>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}
