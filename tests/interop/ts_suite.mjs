// The cipher suites of ts-mls, and what of RFC 9420 is set right by wrapping them. The departures are numbered as in
// README.md.
import * as mls from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { decodeVarLenData, varLenDataEncoder } from 'ts-mls/codec/variableLength.js';
import { decodeGroupContext, groupContextEncoder } from 'ts-mls/groupContext.js';
import * as nist from '@noble/curves/nist.js';

const kSuiteNames = Object.fromEntries(Object.entries(mls.ciphersuites).map(([name, id]) => [id, name]));
const opaque = encode(varLenDataEncoder);
const unopaque = (bytes) => decodeVarLenData(bytes, 0)[0];
const withHpke = (suite, changes) => ({ ...suite, hpke: { ...suite.hpke, ...changes } });

export async function findSuite(id) {
  const parameters = mls.getCiphersuiteFromName(kSuiteNames[id]);
  const suite = await mls.getCiphersuiteImpl(parameters);
  const curve = nist[parameters.signature.toLowerCase()];
  if (!curve) return suite;
  // Departure 3: generated ECDSA public keys are compressed points; section 5.1.1 wants them uncompressed.
  const keygen = async () => {
    const { signKey } = await suite.signature.keygen();
    return { signKey, publicKey: curve.getPublicKey(signKey, false) };
  };
  return { ...suite, signature: { ...suite.signature, keygen } };
}

// Departure 1: external_pub is taken for the bare key; section 12.4.3.2 makes it an HPKEPublicKey, which has a length.
// For making a GroupInfo, ...
export const lengthInExternalPub = (suite) =>
  withHpke(suite, { exportPublicKey: async (key) => opaque(await suite.hpke.exportPublicKey(key)) });
// ... and for joining by one, `extension` being its very bytes.
export const lengthFromExternalPub = (suite, extension) =>
  withHpke(suite, { importPublicKey: (key) => suite.hpke.importPublicKey(key === extension ? unopaque(key) : key) });

// Departure 2: a commit that changes the GroupContext's extensions encrypts its path secrets under the old ones. Section
// 12.4.1 encrypts them under the provisional GroupContext, which has the new ones.
export const sealingUnder = (suite, extensions) =>
  withHpke(suite, {
    seal: (publicKey, plaintext, info, aad) => {
      const [label, size] = decodeVarLenData(info, 0);
      if (new TextDecoder().decode(label) !== 'MLS 1.0 UpdatePathNode') {
        return suite.hpke.seal(publicKey, plaintext, info, aad);
      }
      const [context] = decodeGroupContext(unopaque(info.subarray(size)), 0);
      const right = opaque(encode(groupContextEncoder)({ ...context, extensions }));
      return suite.hpke.seal(publicKey, plaintext, new Uint8Array([...opaque(label), ...right]), aad);
    },
  });
