package dev.caravan.management;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.modelmbean.InvalidTargetObjectTypeException;
import javax.management.modelmbean.ModelMBean;
import javax.management.modelmbean.ModelMBeanInfo;
import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedInstance;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.api.management.NotificationSenderAware;
import org.apache.camel.spi.ManagementMBeanAssembler;
import org.apache.camel.support.management.DefaultManagementMBeanAssembler;
import org.apache.camel.support.management.MBeanInfoAssembler;
import org.apache.camel.support.management.MixinRequiredModelMBean;
import org.apache.camel.support.management.NotificationSenderAdapter;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;

/**
 * Describes each class of managed objects once, for a description depends on nothing else. Camel describes each object, hundreds
 * of them and of far fewer classes, and the JDK checks each field of each description again.
 */
public final class Described extends ServiceSupport implements ManagementMBeanAssembler {

    private final CamelContext context;
    private final Map<Class<?>, ModelMBeanInfo> descriptions = new ConcurrentHashMap<>();
    private MBeanInfoAssembler describe;
    private ManagementMBeanAssembler camels;

    private Described(CamelContext context) {
        this.context = context;
    }

    /** To be called before anything of the context is managed. */
    public static void attachTo(CamelContext context) {
        context.getCamelContextExtension().setManagementMBeanAssembler(new Described(context));
    }

    @Override
    public ModelMBean assemble(MBeanServer server, Object managed, ObjectName name) throws JMException {
        // A step that describes itself is described as a mixture, which only Camel's own can make.
        if (managed instanceof ManagedInstance wrapper
                && wrapper.getInstance() != null
                && wrapper.getInstance().getClass().isAnnotationPresent(ManagedResource.class)) {
            return camels.assemble(server, managed, name);
        }
        ModelMBeanInfo description = descriptions.get(managed.getClass());
        if (description == null) {
            description = describe.getMBeanInfo(context, managed, null, name.toString());
            if (description == null) {
                return null;
            }
            descriptions.put(managed.getClass(), description);
        }
        boolean mask = Boolean.TRUE.equals(
                context.getManagementStrategy().getManagementAgent().getMask());
        MixinRequiredModelMBean bean = new MixinRequiredModelMBean(description, mask, null, null);
        try {
            bean.setManagedResource(managed, "ObjectReference");
        } catch (InvalidTargetObjectTypeException e) {
            throw new JMException(e.getMessage());
        }
        if (managed instanceof NotificationSenderAware sender) {
            sender.setNotificationSender(new NotificationSenderAdapter(bean));
        }
        return bean;
    }

    @Override
    protected void doStart() {
        // Not before: what they ask the context for is managed too, if its management is there by then.
        describe = new MBeanInfoAssembler(context);
        camels = new DefaultManagementMBeanAssembler(context);
        ServiceHelper.startService(describe, camels);
    }

    @Override
    protected void doStop() {
        ServiceHelper.stopService(describe, camels);
    }
}
