import { Dialog } from "../components/dialog.tsx";

const keys = [
  [["j", "↓"], "next card"],
  [["k", "↑"], "card before"],
  [["h", "←"], "column to the left"],
  [["l", "→"], "column to the right"],
  [["Home", "End"], "first and last card of the column"],
  [["1", "…", "6"], "column by its number"],
  [["Enter"], "open the card"],
  [["e"], "extend what stops the card next"],
  [["/"], "filter by text"],
  [["Esc"], "leave the filter, or close what is open"],
  [["?"], "this list"],
] as const;

type KeysHelpProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly areOn: boolean;
  readonly onSwitch: (areOn: boolean) => void;
};

export function KeysHelp({ isOpen, onClose, areOn, onSwitch }: KeysHelpProps) {
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose}>
      <table class="keys">
        <tbody>
          {keys.map(([names, does]) => (
            <tr key={does}>
              <th scope="row">
                {names.map((name) => (name === "…" ? <> … </> : <kbd key={name}>{name}</kbd>))}
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label class="row">
        <input type="checkbox" checked={areOn} onChange={(event) => onSwitch(event.currentTarget.checked)} />
        Keys of one character are on
      </label>
    </Dialog>
  );
}
