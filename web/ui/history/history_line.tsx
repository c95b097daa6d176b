import { useSelect } from '../../store/hooks';
import './history.css';

// While a new device reads what was said before it came: how far it is. A quiet line, gone when everything is here.
export function HistoryLine() {
  const progress = useSelect((state) => state.history);
  if (progress === null) return null;
  const percent = Math.floor((100 * progress.done) / progress.total);
  const words = 'Bringing your history here';
  return (
    <div
      className="history-line"
      role="progressbar"
      aria-label={words}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <p className="meta" aria-hidden="true">
        {words}: {percent}&nbsp;%
      </p>
      <div className="bar">
        <span className="bar-done" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
