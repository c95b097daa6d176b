import type { JoinRequest } from '../../../schema/core';
import { useSelect, useStore } from '../../store/hooks';
import { Avatar } from '../avatar';
import { Button } from '../controls';
import { wordsForRequest } from './request_words';
import './join.css';

// Over the chats: the groups that the user has asked to be let into, until they are chats, or the user has seen that they will not be.
export function AskedGroups() {
  const requests = useSelect((state) => state.joinRequests);
  if (requests.length === 0) return null;
  return (
    <ul className="asked-groups" aria-label="Groups you asked to join">
      {requests.map((request) => (
        <AskedGroup key={request.conversation} request={request} />
      ))}
    </ul>
  );
}

function AskedGroup({ request }: { request: JoinRequest }) {
  const store = useStore();
  const { conversation, name, refusal } = request;
  return (
    <li className="asked-group">
      <Avatar id={conversation} name={name} kind="group" />
      <span className="chat-row-text">
        <span className="chat-row-name">{name}</span>
        <span className="asked-group-state" role="status">
          {wordsForRequest(request)}
        </span>
      </span>
      {refusal !== undefined && (
        <Button
          look="quiet"
          className="button-small"
          aria-label={`OK, put ${name} away`}
          onClick={() => store.tell({ type: 'forget_join_request', conversation })}
        >
          OK
        </Button>
      )}
    </li>
  );
}
