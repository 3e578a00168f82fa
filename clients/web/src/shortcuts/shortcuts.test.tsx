import { render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Dialog, loadDialogs } from "@/parts/Dialog";
import { handleKey, useShortcut } from "./shortcuts";

function Keyed({ keys, run, whileTyping }: { keys: string; run: () => void; whileTyping?: boolean }) {
  useShortcut(keys, "Test", run, { whileTyping });
  return <input aria-label="words" />;
}

const press = (key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));

beforeEach(() => addEventListener("keydown", handleKey));
afterEach(() => removeEventListener("keydown", handleKey));

describe("a key", () => {
  it("does what it says, and the newest component wins", () => {
    const [below, above] = [vi.fn(), vi.fn()];
    const { unmount } = render(<Keyed keys="x" run={below} />);
    const over = render(<Keyed keys="x" run={above} />);
    press("x");
    over.unmount();
    press("x");
    unmount();
    press("x");
    expect([above.mock.calls.length, below.mock.calls.length]).toEqual([1, 1]);
  });

  it("writes, where somebody writes", () => {
    const run = vi.fn();
    const { getByLabelText } = render(<Keyed keys="x" run={run} />);
    press("x", {}, getByLabelText("words"));
    expect(run).not.toHaveBeenCalled();
  });

  it("with Ctrl or Command counts there, too, if it says so", () => {
    const run = vi.fn();
    const { getByLabelText } = render(<Keyed keys="mod+Enter" run={run} whileTyping />);
    press("Enter", { ctrlKey: true }, getByLabelText("words"));
    press("Enter", { metaKey: true }, getByLabelText("words"));
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("may come after another", () => {
    const run = vi.fn();
    render(<Keyed keys="g w" run={run} />);
    press("w");
    press("g");
    press("w");
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("does nothing on the page below a dialog, and what it says within", async () => {
    const [below, within] = [vi.fn(), vi.fn()];
    render(
      <>
        <Keyed keys="x" run={below} />
        <Dialog open onClose={() => {}} title="Over it">
          <Keyed keys="y" run={within} />
        </Dialog>
      </>,
    );
    await loadDialogs();
    await screen.findByRole("dialog");
    press("x");
    press("y");
    expect([below.mock.calls.length, within.mock.calls.length]).toEqual([0, 1]);
  });

  it("that is a sign needs no shift in its name", () => {
    const run = vi.fn();
    render(<Keyed keys="?" run={run} />);
    press("?", { shiftKey: true });
    expect(run).toHaveBeenCalledTimes(1);
  });
});
