import { Group } from "@/parts/Field";

interface ChoicesProps {
  label: string;
  choices: readonly { id: string; name: string }[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** Any number of a few things, in the order in which they are listed. */
export function Choices({ label, choices, chosen, onChange }: ChoicesProps) {
  const toggle = (id: string) =>
    onChange(choices.map((one) => one.id).filter((one) => (one === id) !== chosen.includes(one)));
  return (
    <Group label={label}>
      <div className="flex flex-wrap gap-1">
        {choices.map((choice) => (
          <label
            key={choice.id}
            className="flex min-h-7 cursor-pointer items-center rounded-full border border-line bg-paper px-2.5 text-[13px] hover:border-edge has-checked:border-accent has-checked:bg-wash has-checked:font-semibold has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="checkbox"
              className="sr-only"
              checked={chosen.includes(choice.id)}
              onChange={() => toggle(choice.id)}
            />
            {choice.name}
          </label>
        ))}
      </div>
    </Group>
  );
}
