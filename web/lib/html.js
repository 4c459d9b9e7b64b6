// What pages are written with: htm's templates on preact, from one module.
export {
  html, render, createContext, useState, useReducer, useEffect, useLayoutEffect, useRef, useMemo,
  useCallback, useContext, useErrorBoundary,
} from '../vendor/preact.js';
