/**
 * The colours of classes on a light and on a dark ground. Any two of them, and any of them and the grey of the others, differ by a
 * CIEDE2000 of at least 15, and by at least 8 to someone who lacks one kind of cones (Machado et al. 2009, all three kinds); each
 * has a contrast of at least 2.4 to its ground. Found by a search over OKLCH under these conditions; a test holds them.
 * In this order each is as far from those before it as can be.
 */
export const CLASS_COLOURS = {
  light: [
    "#3e4dc1",
    "#a8ad22",
    "#651003",
    "#57b4c2",
    "#f0355a",
    "#0c5c3c",
    "#48183f",
    "#a2591a",
    "#e4896a",
    "#b555e7",
    "#982f66",
    "#c784a1",
    "#7c09aa",
    "#a193fc",
    "#af8020",
    "#805f95",
    "#38886d",
    "#1c2369",
  ],
  dark: [
    "#546ea3",
    "#f2e32f",
    "#db192f",
    "#3ef4d0",
    "#798848",
    "#da9f76",
    "#9fa5f9",
    "#be5ff1",
    "#bd168d",
    "#c3e0a0",
    "#8a5a29",
    "#65cb0e",
    "#d25d78",
    "#4395b1",
    "#87d8f6",
    "#9e7b0b",
    "#387f5c",
    "#6f49e4",
  ],
} as const;

/** Of everything without a colour of its own. */
export const OTHER_COLOUR = { light: "#a3a3a3", dark: "#757575" } as const;
