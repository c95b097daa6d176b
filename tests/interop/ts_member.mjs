// A member played by ts-mls, with the methods of KithMember. Where ts-mls departs from RFC 9420 it is led back, here and in
// ts_suite.mjs; the departures are numbered as in README.md. Bytes outside of this file are hexadecimal.
import * as mls from 'ts-mls';
import { signLeafNodeCommit } from 'ts-mls/leafNode.js';
import { decryptSenderData } from 'ts-mls/privateMessage.js';
import { decodeRatchetTree, encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { findSuite, lengthFromExternalPub, lengthInExternalPub, sealingUnder } from './ts_suite.mjs';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'));
const utf8 = (text) => new TextEncoder().encode(text);
const toTree = (text) => text && decodeRatchetTree(unhex(text), 0)[0];

const kExtensionNames = Object.fromEntries(
  Object.entries(mls.defaultExtensionTypes).map(([name, type]) => [type, name]),
);
const toExtensions = (pairs) =>
  pairs.map(([type, data]) => ({ extensionType: kExtensionNames[type] ?? type, extensionData: unhex(data) }));

const encodeMessage = (wireformat, field, value) =>
  hex(mls.encodeMlsMessage({ version: 'mls10', wireformat, [field]: value }));
function decodeMessage(text) {
  const bytes = unhex(text);
  const decoded = mls.decodeMlsMessage(bytes, 0);
  if (decoded?.[1] !== bytes.length) throw new Error('not exactly one MLSMessage');
  return decoded[0];
}

export class TsMember {
  #suite;
  #signatureKeys;
  #package; // our own key package, with its private half
  #state;
  #psks = {};
  #updateKey; // of the Update of ours that is on its way

  static async make(suite, name) {
    const member = new TsMember();
    member.name = name;
    member.#suite = await findSuite(suite);
    member.#signatureKeys = await member.#suite.signature.keygen();
    member.#package = await member.#makePackage();
    member.keyPackage = encodeMessage('mls_key_package', 'keyPackage', member.#package.publicPackage);
    return member;
  }
  #makePackage() {
    const capabilities = {
      versions: ['mls10'],
      ciphersuites: [this.#suite.name],
      extensions: [0xf4b1],
      proposals: [],
      credentials: ['basic'],
    };
    const credential = { credentialType: 'basic', identity: utf8(this.name) };
    const keys = this.#signatureKeys;
    return mls.generateKeyPackageWithKey(credential, capabilities, mls.defaultLifetime, [], keys, this.#suite);
  }

  learnPsk({ id, secret }) {
    this.#psks[mls.bytesToBase64(unhex(id))] = unhex(secret);
  }
  get #knownPsks() {
    return mls.makePskIndex(this.#state, this.#psks);
  }

  async create({ groupId, extensions = [] }) {
    const { publicPackage, privatePackage } = this.#package;
    this.#state = await mls.createGroup(
      unhex(groupId),
      publicPackage,
      privatePackage,
      toExtensions(extensions),
      this.#suite,
    );
  }

  #proposal({ add, remove, extensions, psk }) {
    if (add) return { proposalType: 'add', add: { keyPackage: decodeMessage(add).keyPackage } };
    if (remove !== undefined) return { proposalType: 'remove', remove: { removed: remove } };
    if (extensions) {
      return {
        proposalType: 'group_context_extensions',
        groupContextExtensions: { extensions: toExtensions(extensions) },
      };
    }
    const pskNonce = this.#suite.rng.randomBytes(this.#suite.kdf.size);
    return { proposalType: 'psk', psk: { preSharedKeyId: { psktype: 'external', pskId: unhex(psk), pskNonce } } };
  }

  async commit({
    adds = [],
    removes = [],
    extensions,
    psks = [],
    asPrivateMessage = false,
    authenticatedData = '',
    treeInWelcome = true,
  }) {
    const extraProposals = [
      ...(extensions ? [this.#proposal({ extensions })] : []),
      ...removes.map((remove) => this.#proposal({ remove })),
      ...adds.map((add) => this.#proposal({ add })),
      ...psks.map((psk) => this.#proposal({ psk })),
    ];
    const cipherSuite = extensions ? sealingUnder(this.#suite, toExtensions(extensions)) : this.#suite;
    const made = await mls.createCommit(
      { state: this.#state, cipherSuite, pskIndex: this.#knownPsks },
      {
        extraProposals,
        wireAsPublicMessage: !asPrivateMessage,
        ratchetTreeExtension: treeInWelcome,
        authenticatedData: unhex(authenticatedData),
      },
    );
    this.#state = made.newState;
    return {
      commit: hex(mls.encodeMlsMessage(made.commit)),
      welcome: made.welcome ? encodeMessage('mls_welcome', 'welcome', made.welcome) : '',
    };
  }

  async join({ welcome, tree }) {
    const { publicPackage, privatePackage } = this.#package;
    this.#state = await mls.joinGroup(
      decodeMessage(welcome).welcome,
      publicPackage,
      privatePackage,
      this.#knownPsks,
      this.#suite,
      toTree(tree),
    );
  }

  // `bare`: as ts-mls makes it.
  async groupInfo({ tree = true, bare = false } = {}) {
    const make = tree ? mls.createGroupInfoWithExternalPubAndRatchetTree : mls.createGroupInfoWithExternalPub;
    const info = await make(this.#state, [], bare ? this.#suite : lengthInExternalPub(this.#suite));
    return {
      groupInfo: encodeMessage('mls_group_info', 'groupInfo', info),
      tree: hex(encodeRatchetTree(this.#state.ratchetTree)),
    };
  }

  async joinExternal({ groupInfo, tree, remove, authenticatedData = '' }) {
    const info = decodeMessage(groupInfo).groupInfo;
    const { extensionData } = info.extensions.find(({ extensionType }) => extensionType === 'external_pub');
    const suite = lengthFromExternalPub(this.#suite, extensionData);
    // Whoever comes back has its old signature key, by which ts-mls finds the old leaf (departure 6).
    const comesBack = remove !== undefined;
    this.#package = await this.#makePackage();
    const { publicPackage, privatePackage } = this.#package;
    const made = await mls.joinGroupExternal(
      info,
      publicPackage,
      privatePackage,
      comesBack,
      suite,
      toTree(tree),
      undefined,
      unhex(authenticatedData),
    );
    this.#state = made.newState;
    return { commit: encodeMessage('mls_public_message', 'publicMessage', made.publicMessage) };
  }

  async propose({ asPrivateMessage = false, authenticatedData = '', ...what }) {
    const proposal = what.update ? await this.#update() : this.#proposal(what);
    const made = await mls.createProposal(
      this.#state,
      !asPrivateMessage,
      proposal,
      this.#suite,
      unhex(authenticatedData),
    );
    this.#state = made.newState;
    return { message: hex(mls.encodeMlsMessage(made.message)) };
  }

  // ts-mls takes Update proposals (section 12.1.2) but makes none.
  async #update() {
    const { privatePath, ratchetTree, groupContext, signaturePrivateKey } = this.#state;
    const { credential, capabilities, extensions, signaturePublicKey } = ratchetTree[privatePath.leafIndex * 2].leaf;
    const keys = await this.#suite.hpke.generateKeyPair();
    this.#updateKey = await this.#suite.hpke.exportPrivateKey(keys.privateKey);
    const leafNode = {
      hpkePublicKey: await this.#suite.hpke.exportPublicKey(keys.publicKey),
      signaturePublicKey,
      credential,
      capabilities,
      extensions,
      leafNodeSource: 'update',
    };
    const place = { groupId: groupContext.groupId, leafIndex: privatePath.leafIndex };
    const signed = await signLeafNodeCommit({ ...leafNode, ...place }, signaturePrivateKey, this.#suite.signature);
    return { proposalType: 'update', update: { leafNode: { ...leafNode, signature: signed.signature } } };
  }

  async askToJoin({ groupInfo }) {
    const { publicPackage, privatePackage } = this.#package;
    const info = decodeMessage(groupInfo).groupInfo;
    const message = await mls.proposeAddExternal(info, publicPackage, privatePackage, this.#suite);
    return { message: hex(mls.encodeMlsMessage(message)) };
  }

  async protect({ data, authenticatedData = '' }) {
    const made = await mls.createApplicationMessage(this.#state, unhex(data), this.#suite, unhex(authenticatedData));
    this.#state = made.newState;
    return { message: encodeMessage('mls_private_message', 'privateMessage', made.privateMessage) };
  }

  async receive({ message }) {
    const { publicMessage, privateMessage } = decodeMessage(message);
    const { contentType: kind, authenticatedData } = publicMessage?.content ?? privateMessage;
    let before = this.#state;
    const answer = { kind, authenticatedData: hex(authenticatedData) };
    if (kind === 'application') {
      const { senderDataSecret } = before.keySchedule;
      answer.sender = (await decryptSenderData(privateMessage, senderDataSecret, this.#suite)).leafIndex;
    }
    // A committed Update of ours: the path is sealed to its key. In this test every commit takes all proposals.
    const { leafIndex, privateKeys } = before.privatePath;
    if (kind === 'commit' && this.#updateKey) {
      const updated = { ...privateKeys, [leafIndex * 2]: this.#updateKey };
      before = { ...before, privatePath: { leafIndex, privateKeys: updated } };
      this.#updateKey = undefined;
    }
    // Departure 5: a member looks for its removal in the new tree, where the same commit may have given its leaf to
    // somebody else: section 12.3 applies Removes before Adds. So it is taken from the list of proposals.
    let replaced = false;
    const look = ({ kind: what, proposals }) => {
      const types = what === 'commit' ? proposals.map(({ proposal }) => proposal.proposalType) : [];
      replaced =
        (types.includes('add') || types.includes('external_init')) &&
        proposals.some(({ proposal }) => proposal.remove?.removed === leafIndex);
      return replaced ? 'reject' : 'accept';
    };
    const process = publicMessage ? mls.processPublicMessage : mls.processPrivateMessage;
    const done = await process(before, publicMessage ?? privateMessage, this.#knownPsks, this.#suite, look);
    this.#state = done.newState;
    if (kind === 'application') answer.data = hex(done.message);
    if (kind === 'commit') answer.removed = replaced || this.#state.groupActiveState.kind === 'removedFromGroup';
    return answer;
  }

  async state() {
    const { privatePath, groupContext, keySchedule } = this.#state;
    return {
      leaf: privatePath.leafIndex,
      epoch: Number(groupContext.epoch),
      epochAuthenticator: hex(keySchedule.epochAuthenticator),
      exported: hex(
        await mls.mlsExporter(keySchedule.exporterSecret, 'kith interop', utf8('context'), 40, this.#suite),
      ),
      treeHash: hex(groupContext.treeHash),
    };
  }
}
