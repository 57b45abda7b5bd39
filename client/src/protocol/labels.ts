/** Domain labels (protocol 1.5). */
import { utf8 } from "../crypto/bytes.ts";

export const MANIFEST = utf8("veche/manifest/v1\n");
export const TOKEN = utf8("veche/token/v1\n");
export const ISSUED = utf8("veche/issued/v1\n");
export const PROMISE = utf8("veche/promise/v1\n");
export const BALLOT = utf8("veche/ballot/v1\n");
export const BALLOT_SIGNATURE = utf8("veche/ballot-signature/v1\n");
export const RECEIPT = utf8("veche/receipt/v1\n");
export const CLOSING = utf8("veche/closing/v1\n");
export const ISSUANCE_CLOSING = utf8("veche/issuance-closing/v1\n");
export const CANCELLATION = utf8("veche/cancellation/v1\n");
export const DECISION = utf8("veche/decision/v1\n");
export const SEALED_ANSWERS = utf8("veche/sealed-answers/v1\n");
export const RESULT = utf8("veche/result/v1\n");
