// The interface speaks English only, and so do the names of days and countries in it, whatever the browser's own language is.
export const kLanguage = 'en-GB';
