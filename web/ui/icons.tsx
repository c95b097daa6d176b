// The icons: 24 px, one weight, drawn here. They never carry meaning alone; what they stand on has a label.
import type { ReactNode } from 'react';

function icon(children: ReactNode) {
  return function Icon({ size = 24 }: { size?: number }) {
    return (
      <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
        {children}
      </svg>
    );
  };
}

export const BackIcon = icon(<path d="M15 5l-7 7 7 7" />);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="M16 16l4.5 4.5" />
  </>,
);
export const ChatsIcon = icon(
  <path d="M8 5h8a4.5 4.5 0 0 1 4.5 4.5v3.5a4.5 4.5 0 0 1-4.5 4.5h-3L8 21v-3.5A4.5 4.5 0 0 1 3.5 13V9.5A4.5 4.5 0 0 1 8 5z" />,
);
export const NewChatIcon = icon(
  <>
    <path d="M12.5 5H8a4 4 0 0 0-4 4v7a4 4 0 0 0 4 4h7a4 4 0 0 0 4-4v-4.5" />
    <path d="M9.5 14.5l.6-3 8-8 2.4 2.4-8 8z" />
  </>,
);
export const GroupIcon = icon(
  <>
    <circle cx="9" cy="8.5" r="3.5" />
    <path d="M2.5 19.5a6.5 6.5 0 0 1 13 0M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 13.9a6.5 6.5 0 0 1 3.5 5.6" />
  </>,
);
export const AddPersonIcon = icon(
  <>
    <circle cx="10" cy="8.5" r="3.5" />
    <path d="M3.5 19.5a6.5 6.5 0 0 1 11-4.7M18 14v6M15 17h6" />
  </>,
);
export const LeaveIcon = icon(
  <path d="M10 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h3M10 12h10M16 8l4 4-4 4" />,
);
export const DevicesIcon = icon(
  <>
    <path d="M12.5 16.5H4a1.5 1.5 0 0 1-1.5-1.5V7A2.5 2.5 0 0 1 5 4.5h11A2.5 2.5 0 0 1 18.5 7M2.5 19.5h10" />
    <rect x="15.5" y="10" width="6" height="9.5" rx="1.75" />
  </>,
);
export const EditIcon = icon(<path d="M5 19l.8-4L16.2 4.6l3.2 3.2L9 18.2zM13.8 7l3.2 3.2" />);
export const MoreIcon = icon(
  <>
    <circle cx="12" cy="5.5" r="0.75" />
    <circle cx="12" cy="12" r="0.75" />
    <circle cx="12" cy="18.5" r="0.75" />
  </>,
);
export const KeyboardIcon = icon(
  <>
    <rect x="3" y="6.5" width="18" height="11.5" rx="3" />
    <path d="M7 10.5h.01M10.3 10.5h.01M13.7 10.5h.01M17 10.5h.01M8.5 14.3h7" />
  </>,
);
export const SendIcon = icon(<path d="M12 19V5.5M6 11l6-6 6 6" />);
export const MutedIcon = icon(
  <path d="M9.9 19.5a2.3 2.3 0 0 0 4.2 0M17.5 13.5V10A5.5 5.5 0 0 0 8 6.2M6.5 9.5v4L5 16.5h11.5M4 4l16 16" />,
);
export const PinnedIcon = icon(
  <path d="M12 15v6M9 3.5h6M10 3.5v5.7c0 .8-.4 1.5-1 2L7 13v2h10v-2l-2-1.8c-.6-.5-1-1.2-1-2V3.5" />,
);
export const ArchiveIcon = icon(
  <>
    <rect x="3" y="4.5" width="18" height="4.5" rx="1.5" />
    <path d="M4.5 9v8A2.5 2.5 0 0 0 7 19.5h10a2.5 2.5 0 0 0 2.5-2.5V9M10 13h4" />
  </>,
);
export const HistoryIcon = icon(<path d="M4 5v4.5h4.5M4.4 9.5A8 8 0 1 1 4 13M12 8v4.5l3 2" />);
export const DownIcon = icon(<path d="M12 5v13.5M6 13l6 6 6-6" />);
export const LockIcon = icon(
  <>
    <rect x="5" y="10.5" width="14" height="9.5" rx="3" />
    <path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5" />
  </>,
);
export const PinIcon = icon(
  <>
    <rect x="4" y="7.5" width="16" height="9" rx="3" />
    <path d="M8 12h.01M12 12h.01M16 12h.01" />
  </>,
);
export const CopyIcon = icon(
  <>
    <rect x="8.5" y="8.5" width="11" height="11" rx="2.5" />
    <path d="M15.5 5.5A2 2 0 0 0 13.5 4h-7A2.5 2.5 0 0 0 4 6.5v7a2 2 0 0 0 1.5 2" />
  </>,
);
export const LinkIcon = icon(
  <>
    <path d="M10 13.5a4 4 0 0 0 5.7.3l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2" />
    <path d="M14 10.5a4 4 0 0 0-5.7-.3l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2" />
  </>,
);
export const ShareIcon = icon(
  <path d="M12 14.5V4M8 7.5L12 3.5l4 4M7.5 11H7a2 2 0 0 0-2 2v5.5a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V13a2 2 0 0 0-2-2h-.5" />,
);
export const DownloadIcon = icon(<path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14" />);
export const PrintIcon = icon(
  <>
    <path d="M7.5 9V4h9v5M7.5 16.5H6a2.5 2.5 0 0 1-2.5-2.5v-2.5A2.5 2.5 0 0 1 6 9h12a2.5 2.5 0 0 1 2.5 2.5V14a2.5 2.5 0 0 1-2.5 2.5h-1.5" />
    <rect x="7.5" y="13.5" width="9" height="6.5" rx="1" />
  </>,
);
export const CheckIcon = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const WarnIcon = icon(
  <>
    <path d="M10.3 4.8L3.3 17a2 2 0 0 0 1.7 3h14a2 2 0 0 0 1.7-3l-7-12.2a2 2 0 0 0-3.4 0z" />
    <path d="M12 9.5v4M12 16.7h.01" />
  </>,
);
