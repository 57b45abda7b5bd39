/** This browser keeps nothing, so that a ballot key would be lost with the page. */
export class StorageRefused extends Error {}
