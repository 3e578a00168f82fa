/** What an asset type is, as a pictogram; one that has none gets a pencil. */
const PATHS: Record<string, React.ReactNode> = {
  icon: (
    <>
      <rect x="4" y="4" width="16" height="16" rx="4.5" />
      <circle cx="12" cy="12" r="3.4" />
    </>
  ),
  logo_illustration: (
    <>
      <path d="M12 3.5 20 8v8l-8 4.5L4 16V8z" />
      <path d="m4 8 8 4.5L20 8M12 12.5v8" />
    </>
  ),
  product_illustration: (
    <>
      <path d="M7 15V9.5a5 5 0 0 1 10 0V15z" />
      <path d="M3.5 19.5h17M9 15v4.5M15 15v4.5" />
    </>
  ),
  premium_illustration: (
    <>
      <rect x="3.5" y="4.5" width="17" height="15" rx="2" />
      <path d="m3.5 16.5 5-5 4 4 3-3 5 4.5" />
      <circle cx="15.5" cy="8.8" r="1.6" />
    </>
  ),
  every: (
    <>
      <rect x="4" y="4" width="6.5" height="6.5" rx="1.5" />
      <rect x="13.5" y="4" width="6.5" height="6.5" rx="1.5" />
      <rect x="4" y="13.5" width="6.5" height="6.5" rx="1.5" />
      <rect x="13.5" y="13.5" width="6.5" height="6.5" rx="1.5" />
    </>
  ),
};

const PENCIL = (
  <>
    <path d="m5 19 2-5L17 4l3 3L10 17z" />
    <path d="m15 6 3 3" />
  </>
);

export function Glyph({ of }: { of: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className="size-5.5"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[of] ?? PENCIL}
    </svg>
  );
}
