/** How pictures are looked at, all of them alike: enlarged `scale` times, moved by shares of their place. */
export interface Zoom {
  scale: number;
  x: number;
  y: number;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
export const MOST = 8;

/** Enlarged by `factor` around a point, given in shares of the place from its middle (-0.5 to 0.5). */
export function zoomed({ scale, x, y }: Zoom, factor: number, at = { x: 0, y: 0 }): Zoom {
  const now = Math.min(MOST, Math.max(1, scale * factor));
  const grown = now / scale;
  return kept({ scale: now, x: at.x - (at.x - x) * grown, y: at.y - (at.y - y) * grown });
}

export const moved = (zoom: Zoom, x: number, y: number): Zoom => kept({ ...zoom, x: zoom.x + x, y: zoom.y + y });

/** A picture never leaves its place. */
function kept({ scale, x, y }: Zoom): Zoom {
  const reach = (scale - 1) / 2;
  const within = (value: number) => Math.min(reach, Math.max(-reach, value)) + 0;
  return { scale, x: within(x), y: within(y) };
}
