export {
  AGENT_API,
  UPLOAD_CHUNK_BYTES,
  formatJoinToken,
  joinRequestSchema,
  openJoin,
  parseJoinToken,
  sealJoin,
  siteStatusSchema,
  type JoinReply,
  type JoinRequest,
  type JoinToken,
  type Receipt,
  type SiteOrders,
  type SiteStatus,
  type UploadState,
} from './agent-api.js';
export { auditContent, bundleObjects } from './bundle.js';
export {
  bundleDigest,
  parseBundle,
  type AuditRecord,
  type BundleManifest,
  type BundleRelease,
  type BundleStep,
} from './bundle-manifest.js';
export { canonicalJson, digestOf, isDigest, sha256, type Digest } from './canonical.js';
export {
  certificateDigest,
  signCertificate,
  verifyCertificate,
  type Certificate,
  type SignedCertificate,
} from './certificate.js';
export { ContractError, type ContractErrorCode } from './contract-errors.js';
export { CHAIN_START, chainHash, firstBrokenLink, type ChainLink } from './hash-chain.js';
export { isSignedBy, makeSealingKeys, makeSigningKeys, openSealed, seal, signBytes, type KeyPair } from './keys.js';
export {
  isSumsKind,
  openMessage,
  packMessage,
  readMessage,
  SUMS_KINDS,
  TABLE_KINDS,
  verifyMessage,
  type MessageHeader,
  type ReceivedMessage,
  type ReleaseKind,
  type SumsKind,
  type TableKind,
} from './message.js';
export {
  covariatesOf,
  MINIMUM_SUMS_SITES,
  PSEUDONYM_COLUMN,
  parseProtocol,
  protocolDigest,
  releaseColumns,
  sumsCodebook,
  type Sharing,
  type SiteRole,
  type StudyCovariate,
  type StudyProtocol,
  type SumsCodebook,
} from './protocol.js';
export {
  REPLY_SIGNATURE_HEADER,
  REQUEST_HEADERS,
  isReplySigned,
  signReply,
  signRequest,
  verifyRequest,
  type SignedRequest,
} from './signed-request.js';
