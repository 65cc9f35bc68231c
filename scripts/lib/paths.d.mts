export const ROOT: string;
export const CODE_SERVER_VERSION: string;
export const CODE_SERVER_FOLDER: string;
export const CODE_SERVER: string;
