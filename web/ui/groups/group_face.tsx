import type { Group } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Avatar } from '../avatar';
import { Editable } from '../editable';
import { Text } from '../text';
import { kLongestDescription, kLongestName } from './limits';
import { mayEdit } from './may';

// What a group is called, and what it is for.
export function GroupFace({ group }: { group: Group }) {
  const store = useStore();
  const { conversation, name, description } = group;
  const editable = mayEdit(group);
  return (
    <div className="info-person">
      <Avatar id={conversation} name={name} kind="group" size="large" />
      <Editable
        label="Name"
        change="Change the name"
        text={name}
        longest={kLongestName}
        required
        editable={editable}
        onSave={(text) => store.run({ type: 'set_group', conversation, name: text })}
      >
        <h3 className="info-name">{name}</h3>
      </Editable>
      <Editable
        label="Description"
        change={description === '' ? 'Add a description' : 'Change the description'}
        text={description}
        longest={kLongestDescription}
        long
        editable={editable}
        onSave={(text) => store.run({ type: 'set_group', conversation, description: text })}
      >
        {description !== '' && (
          <p className="info-description">
            <Text text={description} />
          </p>
        )}
      </Editable>
    </div>
  );
}
