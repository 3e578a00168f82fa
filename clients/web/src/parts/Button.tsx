import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { classes } from "./classes";

const looks = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors select-none disabled:opacity-55",
  {
    variants: {
      look: {
        primary: "bg-accent text-on-accent not-disabled:hover:bg-accent-deep",
        plain: "border border-line bg-sheet text-ink not-disabled:hover:border-edge not-disabled:hover:bg-well",
        quiet: "text-soft not-disabled:hover:bg-well not-disabled:hover:text-ink",
        danger: "border border-line bg-sheet text-bad not-disabled:hover:border-bad not-disabled:hover:bg-bad-wash",
      },
      size: {
        small: "h-8 px-2.5 text-[13px]",
        normal: "h-9 px-3.5 text-sm",
        large: "h-11 px-5 text-[15px]",
        icon: "size-8",
      },
    },
    defaultVariants: { look: "plain", size: "normal" },
  },
);

export type ButtonProps = ComponentProps<"button"> & VariantProps<typeof looks>;

/** A button; `type="button"` unless said otherwise. With `size="icon"` it needs an `aria-label`. */
export function Button({ look, size, className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={classes(looks({ look, size }), className)} {...rest} />;
}

/** How a link looks that is pressed like a button: `<Link className={buttonLook({ look: "primary" })}>`. */
export const buttonLook = (of: VariantProps<typeof looks> & { className?: string }) =>
  classes(looks({ look: of.look, size: of.size }), of.className);
