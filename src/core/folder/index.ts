export { FolderIndex, type OpenOptions } from "./folderIndex.ts";
export { type ProjectFolderOptions, projectFolder } from "./projectFolder.ts";
