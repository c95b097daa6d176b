// What a group may be called: in characters as a browser counts them.
export const kLongestName = 100;
export const kLongestDescription = 500;
