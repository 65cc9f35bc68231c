import * as vscode from "vscode";

/** A tree whose provider is only made when the view is looked at. */
export function lazyTree<T>(load: () => Promise<vscode.TreeDataProvider<T>>): vscode.TreeDataProvider<T> {
  const changed = new vscode.EventEmitter<T | T[] | undefined>();
  let loaded: Promise<vscode.TreeDataProvider<T>> | undefined;
  const provider = () => {
    loaded ??= load().then((tree) => {
      tree.onDidChangeTreeData?.((node) => changed.fire(node ?? undefined));
      return tree;
    });
    return loaded;
  };
  return {
    onDidChangeTreeData: changed.event,
    getChildren: async (node) => (await provider()).getChildren(node),
    getTreeItem: async (node) => (await provider()).getTreeItem(node),
  };
}
