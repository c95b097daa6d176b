import { createContext, useContext } from 'react';

// In a list that the arrow keys move through, what stands in its rows is reached by Tab in the current row alone.
export const TabStopContext = createContext(true);

export function useTabIndex(): 0 | -1 {
  return useContext(TabStopContext) ? 0 : -1;
}
