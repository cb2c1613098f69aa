// The words of PrimeVue's own components, where they differ from its English.

import { i18n } from '.';

export function componentWords(language: string) {
  const t = i18n.global.t;
  const es = language === 'es';
  return {
    emptyMessage: t('common.empty'),
    emptyFilterMessage: t('common.empty'),
    emptySelectionMessage: t('common.none'),
    accept: t('common.yes'),
    reject: t('common.cancel'),
    aria: {
      close: t('common.close'),
      previous: es ? 'Anterior' : 'Previous',
      next: es ? 'Siguiente' : 'Next',
      firstPageLabel: es ? 'Primera página' : 'First page',
      lastPageLabel: es ? 'Última página' : 'Last page',
      nextPageLabel: es ? 'Página siguiente' : 'Next page',
      prevPageLabel: es ? 'Página anterior' : 'Previous page',
      pageLabel: es ? 'Página {page}' : 'Page {page}',
      rowsPerPageLabel: t('companies.rows'),
      selectAll: t('companies.selectPage'),
      unselectAll: t('companies.selectPage'),
      selectRow: es ? 'Seleccionar la fila' : 'Select the row',
      unselectRow: es ? 'Dejar de seleccionar la fila' : 'Unselect the row',
      listLabel: es ? 'Opciones' : 'Options',
      passwordHide: es ? 'Ocultar la contraseña' : 'Hide the password',
      passwordShow: t('signIn.show'),
    },
  };
}
