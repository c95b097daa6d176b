import { CommandFailed } from '../../store/commands';
import type { NotAdded } from '../../store/commands';
import { inSentence } from '../person';
import { wordsFor } from '../words';

// Why somebody did not come in.
export function wordsForNotAdded(name: string, { error, message }: NotAdded): string {
  return `${inSentence(name)} was not added. ${wordsFor(new CommandFailed(error, message))}`;
}
