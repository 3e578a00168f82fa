/** A template with its slots made out. */
export function Template({ text }: { text: string }) {
  const pieces = text.split(/(\{[^{}]*\})/);
  return (
    <p className="leading-relaxed">
      {pieces.map((piece, place) =>
        piece.startsWith("{") ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
          <code key={place} className="rounded bg-wash px-1 py-0.5 text-[13px] text-accent">
            {piece}
          </code>
        ) : (
          piece
        ),
      )}
    </p>
  );
}
