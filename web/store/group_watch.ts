// Which groups somebody looks at. What is known of one is asked for when they begin to, and again whenever the core says that it
// has changed meanwhile. Of answers that overtake each other the one that was asked for last counts.

import type { Event, Group, Id } from '../../schema/core';
import { CommandFailed } from './commands';

export class GroupWatch {
  private readonly lookers_ = new Map<Id, number>();
  private readonly answered_ = new Map<Id, number>();
  private asked_ = 0;

  constructor(
    private readonly ask_: (conversation: Id) => Promise<{ group: Group }>,
    private readonly show_: (conversation: Id, answer: Group | CommandFailed) => void,
  ) {}

  // Until the result is called.
  look(conversation: Id): () => void {
    this.lookers_.set(conversation, (this.lookers_.get(conversation) ?? 0) + 1);
    void this.fetch(conversation);
    return () => {
      const others = (this.lookers_.get(conversation) ?? 1) - 1;
      if (others > 0) this.lookers_.set(conversation, others);
      else this.lookers_.delete(conversation);
    };
  }

  take(events: readonly Event[]): void {
    const changed = new Set<Id>();
    for (const event of events) if (event.type === 'group_changed') changed.add(event.conversation);
    for (const conversation of changed) if (this.lookers_.has(conversation)) void this.fetch(conversation);
  }

  private async fetch(conversation: Id): Promise<void> {
    const turn = ++this.asked_;
    const answer = await this.ask_(conversation).then(({ group }) => group, asFailure);
    if (turn < (this.answered_.get(conversation) ?? 0)) return;
    this.answered_.set(conversation, turn);
    this.show_(conversation, answer);
  }
}

function asFailure(reason: unknown): CommandFailed {
  return reason instanceof CommandFailed ? reason : new CommandFailed('internal', '');
}
