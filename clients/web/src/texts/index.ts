/**
 * Every sentence of the app, by screen. Another language is another `screens.ts` of the same shape; components say
 * `texts.create.submit` and never a sentence of their own. A namespace, so that a screen brings its own sentences alone.
 */
export * as texts from "./screens";
